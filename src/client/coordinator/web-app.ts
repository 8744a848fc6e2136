import { sha256 } from '#sha256';
import { toHex } from '../../protocol/encoding/bytes.js';
import { refuse } from '../../protocol/encoding/errors.js';
import type { Registry } from '../../protocol/registry/registry.js';
import { sign } from '../../protocol/encoding/signed.js';
import { manifestHash, parseManifest } from '../../protocol/registry/web-manifest.js';
import type { Device } from '../device/device.js';
import { settleEach } from '../device/each.js';
import type { Transport } from '../device/transport.js';

/** Where a server lists what it delivers. */
export const MANIFEST_PATH = '/web-app.sha256';

/** What a server delivers as its web app, against what organisations have vouched for. */
export interface WebAppCheck {
  /** Names of the organisations that vouch for what is listed; none: nobody does. */
  readonly vouchedBy: readonly string[];
  /** Addresses whose bytes are not the listed ones, or that are not there. */
  readonly different: readonly string[];
}

/**
 * Says in the registry that the organisation knows this web app: it has built it itself, or trusts who has.
 * `manifest` is what `relais monitor manifest` prints. A later word takes the place of an earlier one.
 * @throws Refused `manifest` for what is no manifest; `not-a-coordinator`
 * @example
 * const manifest = await transport.bytes(MANIFEST_PATH); // or of one's own build
 * await vouchForWebApp(coordinator, new TextDecoder().decode(manifest));
 */
export async function vouchForWebApp(coordinator: Device, manifest: string): Promise<void> {
  parseManifest(manifest);
  const payload = {
    network: coordinator.network,
    organisation: coordinator.organisation.id,
    manifest: manifestHash(manifest),
    from: await coordinator.today(),
  };
  await coordinator.postEntries([sign('web-app+jws', payload, coordinator.coordinatorKey())]);
}

/**
 * Fetches every file of a server's web app as a browser would. It says what this caller was given: a server
 * that singles out one visitor is seen by that visitor alone.
 * @throws Refused manifest
 * @example
 * const registry = await followTrusted(transport, trust);
 * const { vouchedBy, different } = await checkWebApp(transport, registry);
 * show(vouchedBy, different);
 */
export async function checkWebApp(transport: Transport, registry: Registry): Promise<WebAppCheck> {
  const listed = await transport.bytes(MANIFEST_PATH);
  const text = new TextDecoder().decode(listed);
  const hash = manifestHash(text);
  const vouchedBy = [...registry.webApps.values()]
    .filter(({ manifest }) => manifest === hash)
    .map(({ organisation }) => registry.organisations.get(organisation)?.name ?? organisation);
  const { refused } = await settleEach(parseManifest(text), async ([path, wanted]) => {
    const bytes = await transport.bytes(path);
    if (!bytes || toHex(sha256(bytes)) !== wanted) refuse('manifest');
  });
  return { vouchedBy, different: refused.map(({ item: [path] }) => path) };
}
