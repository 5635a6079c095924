import { numberWords } from '../chat/words.ts';
import { type Command, plainAnswer } from './command.ts';

/** How Headroom's own secret reader fares; never a secret's name or value. */
export const secrets: Command = {
  name: 'secrets',
  usage: 'secrets',
  example: 'secrets',
  summary: "how Headroom's own reading of secrets fares",
  parse(words) {
    if (words.length > 0) return { ok: false, problem: 'secrets takes no words' };
    return {
      ok: true,
      async run({ secretStats }) {
        const stats = secretStats();
        if (!stats)
          return plainAnswer('This process reads no secrets from a Key Vault', [
            'Its own come from its environment, or from Secrets Manager',
          ]);
        const { hits, misses, coalesced, stale, throttled, failures, inFlight, cached } = stats;
        const vaults = Object.entries(stats.vaults).map(([origin, { ratePerSecond, breaker }]) => [
          origin,
          ratePerSecond === null ? 'not limited' : `${numberWords(ratePerSecond)}/s`,
          breaker,
        ]);
        return {
          kind: 'answer',
          answer: {
            title: `${numberWords(cached)} secrets in memory, ${numberWords(inFlight)} being read`,
            lines: [
              `${numberWords(hits)} read from memory, ${numberWords(misses)} from a vault, ${numberWords(coalesced)} waited for another's read`,
              `${numberWords(throttled)} throttled, ${numberWords(failures)} failed, ${numberWords(stale)} served past their time`,
            ],
            ...(vaults.length === 0 ? {} : { table: { columns: ['vault', 'rate', 'breaker'], rows: vaults } }),
            notes: [],
          },
        };
      },
    };
  },
};
