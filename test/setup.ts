import fc from 'fast-check';

/**
 * The same cases at each run, so that a red test is a change and not luck. `FC_SEED=$RANDOM npm test` explores others; what
 * it finds becomes a case of its own.
 */
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20_261_120) });
