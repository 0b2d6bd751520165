import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../src/outbound/address.ts';

describe('an address', () => {
  const PRIVATE = [
    '127.0.0.1',
    '127.255.255.254',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '0.1.2.3',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.7',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '100::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::7f00:1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
    'localhost',
    '127.1',
    '0x7f.0.0.1',
    '',
  ];
  it.each(PRIVATE)('%s is not on the public Internet', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  const PUBLIC = ['1.1.1.1', '93.184.216.34', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'];
  it.each([...PUBLIC, '64:ff9b::1.1.1.1', '2002:101:101::1'])('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});
