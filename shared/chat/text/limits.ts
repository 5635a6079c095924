/** Bounds of the plain-text message: what a terminal, a log line viewer or an e-mail shows without scrolling. */
export const TEXT_LIMITS = {
  /** Lines of one incident message. */
  lines: 40,
  /** Columns of a line, by `widthOf`. */
  columns: 80,
  /** Lines of an answer to a command. */
  answerLines: 120,
} as const;

/**
 * Bounds of the Markdown document.
 * @see an issue or comment body on GitHub holds 65,536 characters; GitLab holds 1 MB.
 */
export const MARKDOWN_LIMITS = { characters: 60_000 } as const;
