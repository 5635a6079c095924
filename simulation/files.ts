import { auditLine, type Vault, type VaultRequest, vaultResourceId } from './audit-record.ts';

export type LogFile = { path: string; lines: string[] };

/** Records as a diagnostic setting exports them: one file an hour under the resource's folder, lines without their ends. */
export function hourlyFiles(vault: Vault, log: readonly VaultRequest[]): LogFile[] {
  const folder = `insights-logs-auditevent/resourceId=${vaultResourceId(vault).toUpperCase()}`;
  const files = new Map<number, LogFile>();
  for (const request of log) {
    const hour = Math.floor(request.timeMs / 3_600_000);
    let file = files.get(hour);
    if (file === undefined) {
      const [date = '', time = ''] = new Date(request.timeMs).toISOString().split('T');
      const [year, month, day] = date.split('-');
      file = { path: `${folder}/y=${year}/m=${month}/d=${day}/h=${time.slice(0, 2)}/m=00/PT1H.json`, lines: [] };
      files.set(hour, file);
    }
    file.lines.push(auditLine(vault, request));
  }
  return [...files.values()];
}
