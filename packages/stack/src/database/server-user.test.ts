import { describe, expect, it } from 'vitest';
import { StackError } from '../stack-error.ts';
import { findServerUser } from './server-user.ts';

/** Creates a machine on which these programs work. The user exists after one of them has created it. */
function createMachine({ programs, hasUser = false }: { programs: readonly string[]; hasUser?: boolean }) {
  const calls: string[] = [];
  let exists = hasUser;
  const run = (program: string, ...args: string[]) => {
    calls.push([program, ...args].join(' '));
    if (program === 'id') return exists ? (args[0] === '-u' ? '70\n' : '71\n') : null;
    if (!programs.includes(program)) return null;
    if (program === 'useradd' || program === 'adduser') exists = true;
    return '';
  };
  return { calls, run, created: () => calls.filter((call) => !call.startsWith('id ')) };
}

const USER = { uid: 70, gid: 71 };

describe('findServerUser', () => {
  it('returns null for a user other than root', () => {
    const { calls, run } = createMachine({ programs: [] });
    expect([findServerUser(1_000, run), calls]).toEqual([null, []]);
  });

  it('returns the existing user "postgres" for root', () => {
    const { created, run } = createMachine({ programs: [], hasUser: true });
    expect([findServerUser(0, run), created()]).toEqual([USER, []]);
  });

  it('creates the user and its group with the commands of most distributions', () => {
    const { created, run } = createMachine({ programs: ['groupadd', 'useradd'] });
    expect(findServerUser(0, run)).toEqual({ ...USER, isCreated: true });
    expect(created()).toEqual([
      'groupadd --system postgres',
      'useradd --system --gid postgres --no-create-home --shell /usr/sbin/nologin postgres',
    ]);
  });

  it('creates the user and its group with the commands of Alpine', () => {
    const { created, run } = createMachine({ programs: ['addgroup', 'adduser'] });
    expect(findServerUser(0, run)).toEqual({ ...USER, isCreated: true });
    expect(created().slice(1)).toEqual([
      'addgroup -S postgres',
      expect.stringMatching(/^useradd /),
      'adduser -S -D -H -G postgres postgres',
    ]);
  });

  it('rejects a machine on which the user cannot be created', () => {
    const { run } = createMachine({ programs: [] });
    expect(() => findServerUser(0, run)).toThrow(
      new StackError(
        'PostgreSQL does not run as root, and the user "postgres" could not be created. Start Prodigon as another user, or set DATABASE_URL.',
      ),
    );
  });
});
