import { describe, expect, test } from 'vitest';
import { AWS_PARTITIONS, AZURE_CLOUDS } from '../../../shared/config/clouds.ts';
import { NAMES } from '../../../shared/config/names.ts';

/** All texts of a row that are hosts or URLs. */
function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}

describe('the table of hosts and scopes', () => {
  test.each(Object.entries(AZURE_CLOUDS))(
    '%s has only https URLs, token scopes, audiences and bare suffixes',
    (_, row) => {
      const { tokenExchangeAudience, ...hosts } = row;
      expect(tokenExchangeAudience).toMatch(/^api:\/\/\w+$/);
      const odd = leaves(hosts).filter(
        (text) => !/^(?:https:\/\/[a-z0-9.-]+(?:\/[\w./-]+)?|[a-z0-9.-]+\.[a-z]+)$/.test(text),
      );
      expect(odd).toEqual([]);
    },
  );

  test('no cloud sends a secret or a token to the host of another', () => {
    const shared = new Set(['https://storage.azure.com/.default']);
    const all = Object.values(AZURE_CLOUDS).flatMap(({ issuers: _compared, ...row }) =>
      leaves(row).filter((text) => !shared.has(text)),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  test('each cloud and partition that can be configured has a row', () => {
    for (const cloud of Object.keys(AZURE_CLOUDS)) expect(NAMES.cloud.parse(cloud)).toEqual({ ok: true, value: cloud });
    for (const partition of Object.keys(AWS_PARTITIONS))
      expect(NAMES.partition.parse(partition)).toEqual({ ok: true, value: partition });
    expect(NAMES.cloud.parse('mars')).toMatchObject({ problem: `is none of ${Object.keys(AZURE_CLOUDS).join(', ')}` });
  });

  test('China has a suffix of its own, GovCloud a console of its own', () => {
    expect(AWS_PARTITIONS['aws-cn'].suffix).toBe('amazonaws.com.cn');
    expect(AWS_PARTITIONS['aws-us-gov']).toEqual({ suffix: 'amazonaws.com', console: 'console.amazonaws-us-gov.com' });
  });
});
