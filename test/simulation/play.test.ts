import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { playScenario, SCENARIO_NAMES, scenarioDurationMs } from '../../simulation/play.ts';
import { writeScenario } from '../../simulation/write.ts';

const START = '2026-01-05T09:00:00.000Z';

describe.each(SCENARIO_NAMES)('the scenario %s', (name) => {
  const played = playScenario(name, { seed: 4, startAt: START });

  test('is the same for the same seed, and another for another', () => {
    const again = playScenario(name, { seed: 4, startAt: START });
    expect(again.files).toEqual(played.files);
    expect(again.alerts).toEqual(played.alerts);
    expect(again.truth).toEqual(played.truth);
    expect(playScenario(name, { seed: 5, startAt: START }).files).not.toEqual(played.files);
  });

  test('writes every request as one line, in order of time, within its window', () => {
    const records = played.files.flatMap(({ lines }) => lines.map((line) => JSON.parse(line)));
    expect(records).toHaveLength(played.truth.requests);
    const times = records.map(({ time }) => Date.parse(time));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(Date.parse(played.truth.window.from));
    expect(times.at(-1)).toBeLessThan(Date.parse(played.truth.window.to));
    expect(Date.parse(played.truth.window.to) - Date.parse(played.truth.window.from)).toBe(scenarioDurationMs(name));
  });

  test('lays its files out as Azure Storage does, one an hour', () => {
    for (const { path, lines } of played.files) {
      const [, hour] = /\/y=2026\/m=01\/d=05\/h=(\d\d)\/m=00\/PT1H\.json$/.exec(path) ?? [];
      expect(lines.every((line) => JSON.parse(line).time.slice(11, 13) === hour)).toBe(true);
      expect(path).toContain('/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/');
    }
  });

  test('keeps the shape of exported records: status in the properties, identity on all but challenges', () => {
    const records = played.files.flatMap(({ lines }) => lines.map((line) => JSON.parse(line)));
    const isShaped = (record: (typeof records)[number]): boolean => {
      const challenge = record.properties.httpStatusCode === 401;
      return (
        record.category === 'AuditEvent' &&
        record.resultType === 'Success' &&
        (record.operationName === 'Authentication') === challenge &&
        Object.keys(record.identity).join() === (challenge ? '' : 'claim') &&
        /^2026-01-05T\d\d:\d\d:\d\d\.\d{7}Z$/.test(record.time) &&
        typeof record.durationMs === 'string'
      );
    };
    expect(records.filter((record) => !isShaped(record))).toEqual([]);
  });

  test('tells the truth about its log', () => {
    const { truth, log } = played;
    expect(truth.refused).toBe(log.filter(({ status }) => status === 429).length);
    for (const { appId, part, requests, refused } of truth.applications) {
      const own = log.filter(({ identity }) => identity?.appId === appId);
      expect(requests).toBe(own.length);
      expect(refused).toBe(own.filter(({ status }) => status === 429).length);
      expect(part === 'culprit').toBe(truth.causes.some((cause) => cause.appId === appId));
      if (part !== 'culprit') expect(part === 'victim').toBe(refused > 0);
    }
  });

  test('raises the alerts that its counts call for, in order of arrival, and resolves them', () => {
    const calls = played.alerts.map(describeAlert);
    const busy = (condition: string) => calls.filter((call) => call.condition === condition);
    expect(
      busy('Resolved')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(
      busy('Fired')
        .map(({ id }) => id)
        .sort(),
    );
    expect(calls.some(({ metric }) => metric === 'ServiceApiHit')).toBe(true);
    expect(calls.some(({ metric }) => metric === 'ServiceApiResult')).toBe(played.truth.refused > 0);
    for (const call of calls) {
      expect(call.targets).toEqual([played.truth.resource.id]);
      if (call.condition === 'Fired') expect(call.value).toBeGreaterThan(call.threshold);
      else expect(call.value).toBeLessThanOrEqual(call.threshold);
    }
  });
});

function describeAlert(payload: unknown) {
  const { data } = JSON.parse(JSON.stringify(payload));
  const [criterion] = data.alertContext.condition.allOf;
  return {
    id: String(data.essentials.alertId),
    condition: String(data.essentials.monitorCondition),
    targets: data.essentials.alertTargetIDs,
    metric: String(criterion.metricName),
    value: Number(criterion.metricValue),
    threshold: Number(criterion.threshold),
  };
}

test('a storm is small enough to be played anywhere', () => {
  const { files } = playScenario('storm', { seed: 1, startAt: START });
  const bytes = files.flatMap(({ lines }) => lines).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  expect(bytes).toBeLessThan(30_000_000);
});

test('a mended fleet has a second vault only where it was given one', () => {
  const shared = playScenario('storm', { seed: 1, startAt: START, mend: { kind: 'backoff' } });
  const apart = playScenario('storm', { seed: 1, startAt: START, mend: { kind: 'separate-vault' } });
  expect(shared.log).toHaveLength(shared.truth.requests);
  expect(apart.log.length).toBeGreaterThan(apart.truth.requests);
  expect(apart.truth.refused).toBe(0);
});

test('the log and the alerts can be those of any vault', () => {
  const vault = { name: 'kv-contoso', resourceGroup: 'rg-contoso' };
  const { truth, alerts, files } = playScenario('stampede', { seed: 1, startAt: START, vault });
  expect(truth.resource.id).toMatch(/\/resourcegroups\/rg-contoso\/.*\/kv-contoso$/);
  expect(alerts.map(describeAlert)[0]?.targets).toEqual([truth.resource.id]);
  const [line = ''] = files[0]?.lines ?? [];
  expect(JSON.parse(line).resourceId.toLowerCase()).toBe(truth.resource.id);
});

test('a time that is none is refused', () => {
  expect(() => playScenario('healthy', { seed: 1, startAt: 'yesterday' })).toThrow(RangeError);
});

test('a scenario is written with its truth beside the log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headroom-test-'));
  try {
    const { logs, logFolder, alerts, truth } = await writeScenario('healthy', folder, { seed: 2, startAt: START });
    const lines = (await Promise.all(logs.map((path) => readFile(path, 'utf8')))).join('').trim().split('\n');
    expect(lines).toHaveLength(truth.requests);
    expect(logs.every((path) => path.startsWith(logFolder))).toBe(true);
    expect(alerts.length).toBeGreaterThan(0);
    expect(JSON.parse(await readFile(join(folder, 'truth.json'), 'utf8'))).toEqual(truth);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
