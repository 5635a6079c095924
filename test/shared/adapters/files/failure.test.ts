import { expect, test } from 'vitest';
import { fileFailure } from '../../../../shared/adapters/files/failure.ts';

test.each([
  ['a full disk', 'ENOSPC', 'unavailable', 'free space'],
  ['a disk that fails', 'EIO', 'unavailable', 'check the disk'],
  ['a folder of somebody else', 'EACCES', 'denied', 'let this user write'],
  ['a disk that is mounted to be read alone', 'EROFS', 'denied', 'let this user write'],
])('%s is told by its kind and next step', (_what, code, kind, nextStep) => {
  const cause = Object.assign(new Error('/home/dana/payloads'), { code });
  expect(fileFailure(cause, 'writing a payload')).toMatchObject({
    kind,
    message: `writing a payload failed: ${code}`,
    nextStep: expect.stringContaining(nextStep),
    cause,
  });
});
