import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openPayloadFolder } from '../../../../shared/adapters/files/payloads.ts';
import { fakeClock } from '../../../kit.ts';
import { folderForTest } from '../folder.ts';

const clock = fakeClock();
const payload = new TextEncoder().encode('{"schemaId":"azureMonitorCommonAlertSchema"}'.repeat(100));

test('files and folders are for this user alone, and packed', async () => {
  const folder = join(folderForTest(), 'home', 'payloads');
  const payloads = await openPayloadFolder({ folder, clock });
  await payloads.put('payload-1', payload);
  const path = join(folder, 'payload-1.gz');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, '..')).mode & 0o777).toBe(0o700);
  expect(statSync(path).size).toBeLessThan(payload.byteLength / 10);
  expect(new Uint8Array(gunzipSync(readFileSync(path)))).toEqual(payload);
});

test('what is kept is there when the folder is opened again', async () => {
  const folder = folderForTest();
  await (await openPayloadFolder({ folder, clock })).put('evidence/a2b3c4d5', payload);
  expect(await (await openPayloadFolder({ folder, clock })).get('evidence/a2b3c4d5')).toEqual(payload);
});

test('no draft is left behind by a write, nor listed', async () => {
  const folder = folderForTest();
  const payloads = await openPayloadFolder({ folder, clock });
  await Promise.all([1, 2, 3].map((n) => payloads.put(`payload-${n}`, payload)));
  expect(readdirSync(join(folder, '.drafts'))).toEqual([]);
  expect(await payloads.olderThan('2100-01-01T00:00:00.000Z', 10)).toHaveLength(3);
});

test('drafts of a process that died are removed at the next start, those of a living one are not', async () => {
  const folder = folderForTest();
  await openPayloadFolder({ folder, clock });
  const [dead, living] = ['dead', 'living'].map((name) => join(folder, '.drafts', name));
  for (const [path, ageMs] of [
    [dead, 3_700_000],
    [living, 1_000],
  ] as const) {
    writeFileSync(path ?? '', 'part of a pay');
    const writtenAt = new Date(clock.now() - ageMs);
    utimesSync(path ?? '', writtenAt, writtenAt);
  }
  await openPayloadFolder({ folder, clock });
  expect([existsSync(dead ?? ''), existsSync(living ?? '')]).toEqual([false, true]);
});

test('a damaged file is said to be damaged', async () => {
  const folder = folderForTest();
  const payloads = await openPayloadFolder({ folder, clock });
  await payloads.put('payload-1', payload);
  const path = join(folder, 'payload-1.gz');
  writeFileSync(path, readFileSync(path).subarray(0, 20));
  await expect(payloads.get('payload-1')).rejects.toMatchObject({
    kind: 'invalid',
    message: 'payload payload-1 is damaged',
    cause: expect.any(Error),
  });
});

test('a folder that cannot be made is said, with the next step', async () => {
  const file = join(folderForTest(), 'file');
  writeFileSync(file, '');
  await expect(openPayloadFolder({ folder: join(file, 'payloads'), clock })).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('ENOTDIR'),
    nextStep: expect.any(String),
    cause: expect.any(Error),
  });
});

test('a write that fails leaves the old payload', async () => {
  const folder = folderForTest();
  const payloads = await openPayloadFolder({ folder, clock });
  await payloads.put('payload-1', payload);
  rmSync(join(folder, '.drafts'), { recursive: true });
  await expect(payloads.put('payload-1', new Uint8Array([1]))).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await payloads.get('payload-1')).toEqual(payload);
});

test('a write that fails at its last step leaves no draft', async () => {
  const folder = folderForTest();
  const payloads = await openPayloadFolder({ folder, clock });
  mkdirSync(join(folder, 'payload-1.gz'));
  await expect(payloads.put('payload-1', payload)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(readdirSync(join(folder, '.drafts'))).toEqual([]);
});
