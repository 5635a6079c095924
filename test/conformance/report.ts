/** Collects the checks of a conformance run and prints one line for each. */
export type Report = {
  /** Runs one check; what it throws is its failure. Never rejects. */
  check(title: string, run: () => Promise<void> | void): Promise<void>;
  passed(): number;
  failed(): number;
};

export function createReport(print: (line: string) => void): Report {
  let passed = 0;
  let failed = 0;
  return {
    async check(title, run) {
      try {
        await run();
        passed += 1;
        print(`ok      ${title}`);
      } catch (error) {
        failed += 1;
        print(`FAILED  ${title}\n${indent(error instanceof Error ? (error.stack ?? error.message) : String(error))}`);
      }
    },
    passed: () => passed,
    failed: () => failed,
  };
}

function indent(text: string): string {
  return text.replace(/^/gm, '          ');
}
