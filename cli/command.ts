/** What a command line command is given and gives back; the process is touched by `main.ts` alone. */
export type Io = {
  out(text: string): void;
  err(text: string): void;
  environment: Record<string, string | undefined>;
  /** Width of the terminal in columns; null when the output is not one. */
  columns: number | null;
  /** The same of what `err` writes to. */
  errColumns: number | null;
  /** Calls back once, at the first request to end (Ctrl-C), in place of ending at once; gives what takes that back. */
  onStop(stop: () => void): () => void;
};

/** Whether the output is a terminal that is to be coloured. @see https://no-color.org */
export function usesColour({ columns, environment }: Io): boolean {
  return columns !== null && !environment['NO_COLOR'];
}

/** 0 answered · 1 nothing to answer from · 2 the command line is wrong (design §12) · 130 stopped by Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 130;

export type CliCommand = {
  name: string;
  usage: string;
  summary: string;
  help: string;
  run(args: readonly string[], io: Io): Promise<ExitCode>;
};

/** The command line is wrong: one line, and where help is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
