import { listContracts, type RanTest } from './contracts.ts';

/** Collects the checks of a conformance run and prints one line for each. */
export type Report = {
  /** Runs one check; what it throws is its failure. Never rejects. */
  check(title: string, run: () => Promise<void> | void): Promise<void>;
  passed(): number;
  failed(): number;
  /** Notes tests that ran elsewhere, for the list at the end. */
  ran(tests: readonly RanTest[]): void;
  /** What ran, contract by contract. */
  contracts(): string[];
};

export function createReport(print: (line: string) => void): Report {
  let passed = 0;
  let failed = 0;
  const all: RanTest[] = [];
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
    ran: (tests) => void all.push(...tests),
    contracts: () => listContracts(all),
  };
}

function indent(text: string): string {
  return text.replace(/^/gm, '          ');
}
