const LOOPBACK_V4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/**
 * Whether only this machine can reach the host: `localhost`, 127.0.0.0/8, `::1`, with or without brackets.
 * A host that is spelt in any other way counts as reachable, which is the safe mistake.
 */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '::1' || LOOPBACK_V4.test(name) || LOOPBACK_V4.test(mappedV4(name));
}

/** `127.0.0.1` of `::ffff:127.0.0.1`. */
function mappedV4(name: string): string {
  return name.startsWith('::ffff:') ? name.slice('::ffff:'.length) : '';
}
