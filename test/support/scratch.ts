import { accessSync, constants, mkdtempSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import path from 'node:path';

const IN_MEMORY = '/dev/shm';
const BYTES_MIN = 6 * 1024 ** 3;

/**
 * A new folder for data of a test, in memory where there is plenty of it. PostgreSQL writes its log there as
 * durably as ever, and what a test kills are processes, never the machine. On a disk a database for each file
 * takes some 0.4 s of a core to create and drop.
 */
export function scratchFolder(name: string): string {
  return mkdtempSync(path.join(hasRoom() ? IN_MEMORY : tmpdir(), `quittance-${name}-`));
}

function hasRoom(): boolean {
  try {
    accessSync(IN_MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return Math.min(bavail * bsize, freemem()) > BYTES_MIN;
  } catch {
    return false; // no Linux, or a system without it
  }
}
