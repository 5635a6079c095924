/**
 * Matches a path against an HTTP trigger's route: literals without regard to case, `{name}`, `{name?}`, `{*rest}`.
 * Constraints (`{id:int}`) are matched as plain parameters. Null when it does not match.
 */
export function matchRoute(template: string, path: string): Record<string, string> | null {
  const parts = split(path);
  const params: Record<string, string> = {};
  const pattern = split(template);
  for (const [index, piece] of pattern.entries()) {
    const parameter = /^\{(\*?)([^:?}]+)(?::[^}?]+)?(\?)?\}$/.exec(piece);
    const part = parts[index];
    if (!parameter) {
      if (part?.toLowerCase() !== piece.toLowerCase()) return null;
    } else if (parameter[1] === '*') {
      params[parameter[2] ?? ''] = parts.slice(index).join('/');
      return params;
    } else if (part !== undefined) params[parameter[2] ?? ''] = decodeURIComponent(part);
    else if (parameter[3] !== '?') return null;
  }
  return parts.length <= pattern.length ? params : null;
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}
