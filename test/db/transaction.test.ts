import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { FaultProxy } from '../support/fault-proxy.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await database.pool.query('create table note (text text unique)');
});

function open(
  databaseUrl: string,
  options: { connectionsMax?: number; statementMsMax?: number } = {},
): Database {
  const opened = openDatabase({
    url: databaseUrl,
    connectionsMax: 1,
    applicationName: 'transaction test',
    ...options,
  });
  onTestFinished(() => opened.close());
  return opened;
}

async function notes(): Promise<string[]> {
  const rows = await database.sql<{ text: string }>`select text from note order by text`;
  return rows.map(({ text }) => text);
}

describe('case 15: a COMMIT that is answered ROLLBACK', () => {
  it('is an error, although PostgreSQL raises none', async () => {
    const transaction = database.transaction(async (sql) => {
      await sql`insert into note values ('promised')`;
      // Somebody's handler swallows what went wrong, and returns as if all were well.
      await sql`insert into note values ('promised')`.catch(() => {});
    });
    await expect(transaction).rejects.toMatchObject({
      code: 'commit_rolled_back',
      message: expect.stringContaining('ROLLBACK'),
    });
    expect(await notes()).not.toContain('promised');
    // Control: without the failure in it the same transaction commits.
    await database.transaction(async (sql) => sql`insert into note values ('promised')`);
    expect(await notes()).toContain('promised');
  });

  it('is what PostgreSQL really does (control)', async () => {
    const connection = await database.connect();
    await connection.query('begin');
    await connection.query('select 1 / 0').catch(() => {});
    expect((await connection.query('commit')).command).toBe('ROLLBACK');
    connection.release();
  });

  it('does not happen to nested work: its failure is undone alone', async () => {
    await database.transaction(async (sql, nested) => {
      await sql`insert into note values ('kept')`;
      await nested(async () => {
        await sql`insert into note values ('undone')`;
        throw new Error('a failing part');
      }).catch(() => {});
    });
    expect(await notes()).toContain('kept');
    expect(await notes()).not.toContain('undone');
  });
});

describe('a transaction whose connection goes away', () => {
  it('in front of the COMMIT is an error, and the pool goes on with another', async () => {
    const own = open(url);
    const pid = (): Promise<number> =>
      own.sql<{ pid: number }>`select pg_backend_pid() as pid`.then(([row]) => row?.pid ?? 0);
    const before = await pid();
    const lost = own.transaction(async (sql) => {
      await sql`insert into note values ('lost')`;
      await database.sql`select pg_terminate_backend(${before}, 5000)`;
    });
    await expect(lost).rejects.toThrow();
    expect(await notes()).not.toContain('lost');
    expect(await pid()).not.toBe(before);
  });

  it('behind the COMMIT is an error too: nobody knows', async () => {
    const proxy = await new FaultProxy(url).listen();
    onTestFinished(() => proxy.close());
    const own = open(proxy.url);
    const unknown = own.transaction(async (sql) => {
      await sql`insert into note values ('unknown')`;
      proxy.set({ toClient: 'hold' });
      setImmediate(() => void cutWhenCommitted());
    });
    const cutWhenCommitted = async (): Promise<void> => {
      while (!(await notes()).includes('unknown')) await new Promise((resolve) => setImmediate(resolve));
      proxy.cut();
    };
    await expect(unknown).rejects.toThrow();
    expect(await notes()).toContain('unknown');
  });
});

describe('a database that turned read-only and back', () => {
  it('is written to again: a connection that could only read is not kept', async () => {
    const own = open(url);
    const write = (text: string): Promise<unknown> =>
      own.transaction(async (sql) => sql`insert into note values (${text})`);
    const name = new URL(url).pathname.slice(1);
    await database.pool.query(`alter database ${name} set default_transaction_read_only = on`);
    await expect(write('refused')).rejects.toMatchObject({ code: '25006' });
    await database.pool.query(`alter database ${name} reset default_transaction_read_only`);
    await write('accepted');
    expect(await notes()).toContain('accepted');
  });
});

describe('a database that is silent', () => {
  it('does not keep a ping waiting', async () => {
    const proxy = await new FaultProxy(url).listen();
    onTestFinished(() => proxy.close());
    const own = open(proxy.url);
    await own.ping();
    proxy.set({ toServer: 'swallow' });
    const started = performance.now();
    await expect(own.ping()).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(10_000);
    proxy.set({ toServer: 'pass' });
    await own.ping();
  });

  it('does not keep a statement waiting beyond its limit, which it can not enforce itself', async () => {
    const proxy = await new FaultProxy(url).listen();
    onTestFinished(() => proxy.close());
    const own = open(proxy.url, { statementMsMax: 500 });
    await own.sql`select 1`;
    proxy.set({ toServer: 'swallow' });
    await expect(own.sql`select 1`).rejects.toThrow(/timeout/);
    proxy.set({ toServer: 'pass' });
    // Control: a server that answers ends the statement itself, with a reason.
    await expect(own.sql`select pg_sleep(5)`).rejects.toMatchObject({ code: '57014' });
  });
});
