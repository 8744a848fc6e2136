import fc from 'fast-check';

/**
 * One seed for every property of a run, so that a failure comes back; fast-check prints it with the failing
 * case.
 */
fc.configureGlobal({ seed: Number(process.env['RELAIS_TEST_SEED'] ?? 20_261_124) });
