/**
 * Whether the bot may speak to the place that an activity names: https to a host of its cloud, and nowhere else
 * (field-notes 33); with an emulator's base URL, there alone.
 *
 * @param hosts of the cloud's table
 */
export function isTeamsService(url: string, hosts: readonly string[], endpoint?: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
  if (parsed.search !== '' || parsed.hash !== '') return false;
  if (endpoint !== undefined) return parsed.origin === URL.parse(endpoint)?.origin;
  return parsed.protocol === 'https:' && parsed.port === '' && hosts.includes(parsed.hostname);
}
