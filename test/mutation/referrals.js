import { Stryker } from '@stryker-mutator/core';
import { startCluster, stopCluster } from '../support/machines/cluster.js';

/**
 * Mutates the acts on referrals: the specs of `test/e2e`, over HTTP and with a PostgreSQL that outlives the
 * processes.
 */
await startCluster();
try {
  await new Stryker({ configFile: 'stryker.referrals.json' }).runMutationTest();
} finally {
  await stopCluster();
}
