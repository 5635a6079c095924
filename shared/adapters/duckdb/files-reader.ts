import { isHeadroomError } from '../../errors.ts';
import type { Resource } from '../../model.ts';
import type { EvidenceReader } from '../../ports.ts';
import { askDatabase, headsOf } from './ask-database.ts';
import { explainFailure } from './failure.ts';
import { type TakeInOptions, takeIn } from './take-in.ts';

export type FilesReaderOptions = TakeInOptions & {
  /** Epoch milliseconds. */
  now: () => number;
};

/**
 * Exported Key Vault audit logs as a store, read anew at each call. Lines and files that cannot be read are left out and
 * counted; that nothing can be read is an `unavailable` reading, never an exception.
 */
export function createFilesReader(options: FilesReaderOptions): EvidenceReader {
  return {
    store: 'files',
    language: 'sql',
    covers: (resource) => isKeyVault(resource) && options.paths.length > 0,
    async read(request, signal) {
      try {
        const { intake = [], unreadable, parameters } = request.query;
        const taken = await takeIn(options, { intake, parameters, ...(unreadable && { unreadable }) }, signal);
        try {
          return await askDatabase(taken, request, options, signal);
        } finally {
          await taken.close();
        }
      } catch (error) {
        if (isHeadroomError(error) && error.kind === 'bug') throw error;
        const { why, nextStep } = explainFailure(error, options.paths, signal);
        return headsOf(request, options.now).map((head) => ({ ...head, state: 'unavailable', why, nextStep }));
      }
    },
  };
}

/** Whether audit logs of a vault could hold records of the resource: the vault itself, nothing below it. */
export function isKeyVault({ cloud, id }: Resource): boolean {
  return cloud === 'azure' && /\/providers\/microsoft\.keyvault\/vaults\/[^/]+$/i.test(id);
}
