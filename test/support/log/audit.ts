import type { AuditReport } from '../../../src/protocol/audit/report.js';
import { verifyLogs } from '../../../src/protocol/audit/verify-logs.js';
import { inputOf, TestNetwork, type OpenedCase, type TestConsent } from './public-log.js';

/** `check/detail` of each violation. */
export function words({ violations }: AuditReport): string[] {
  return violations.map(({ check, detail }) => `${check}/${detail}`);
}

export function subjects({ violations }: AuditReport): string[] {
  return violations.map(({ subject }) => subject);
}

export function whole(network: TestNetwork): TestConsent {
  return network.receive(network.release(network.give()));
}

/** Audits a network that holds one case and is finished properly. */
export async function audit(
  make: (network: TestNetwork) => TestConsent,
  falsify: (opened: OpenedCase) => unknown = () => undefined,
): Promise<AuditReport> {
  const network = new TestNetwork();
  const consent = make(network);
  network.finish();
  const opened = await network.open(consent);
  falsify(opened);
  return verifyLogs(inputOf(network.trust, network.publish(), [opened]));
}
