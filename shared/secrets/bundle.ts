/** True for the content type under which a secret's value may be an object of many keys. */
export function isBundleType(contentType: string | undefined): boolean {
  return contentType !== undefined && /^\s*application\/json\s*(;|$)/i.test(contentType);
}

/**
 * The part of a bundle that `path` names: the property of that whole name, else nested objects step by step at each colon.
 * Strings as they are, numbers and booleans as text, objects and arrays as JSON; undefined when absent or null.
 */
export function readBundle(value: string, path: string): string | undefined {
  let node: unknown;
  try {
    node = JSON.parse(value);
  } catch {
    return undefined;
  }
  if (!isRecord(node)) return undefined;
  return format(find(node, path));
}

function find(node: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(node, path)) return node[path];
  for (let colon = path.indexOf(':'); colon !== -1; colon = path.indexOf(':', colon + 1)) {
    const head = path.slice(0, colon);
    const inner = Object.hasOwn(node, head) ? node[head] : undefined;
    if (isRecord(inner)) {
      const found = find(inner, path.slice(colon + 1));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function format(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
