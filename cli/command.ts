/** What a command line command is given and gives back; the process is touched by `main.ts` alone. */
export type Io = {
  out(text: string): void;
  err(text: string): void;
  environment: Record<string, string | undefined>;
  /** Width of the terminal in columns; null when the output is not one. */
  columns: number | null;
};

/** 0 answered · 1 nothing to answer from · 2 the command line is wrong (design §12). */
export type ExitCode = 0 | 1 | 2;

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
