import { vi } from 'vitest';

/** One JSON object a line, as the platforms collect them. */
export type WrittenLog = { lines: string[]; logged(event: string): Record<string, unknown>[] };

/** Takes what this process writes to its standard output from now on, until mocks are restored. */
export function takeWrittenLog(): WrittenLog {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  return {
    lines,
    logged: (event) =>
      lines.map((line): Record<string, unknown> => JSON.parse(line)).filter((fields) => fields['event'] === event),
  };
}
