import { ENVIRONMENT_KEY_PREFIX, isEnvironmentKey, type UsageReport } from '@prodigon/contracts';
import type { KeyStore, Principal } from '@prodigon/ports';

/** Adds the names of the keys that the caller may see, including revoked ones. */
export async function nameKeys(report: UsageReport, keys: Pick<KeyStore, 'list'>, { id, role }: Principal): Promise<UsageReport> {
  const visible = await keys.list(role === 'admin' ? null : id);
  const names = new Map(visible.map((key) => [key.id, key.name]));
  const nameOf = (keyId: string) =>
    isEnvironmentKey(keyId) ? keyId.slice(ENVIRONMENT_KEY_PREFIX.length) : (names.get(keyId) ?? null);
  return { ...report, rows: report.rows.map((row) => ({ ...row, key_name: row.key_id ? nameOf(row.key_id) : null })) };
}
