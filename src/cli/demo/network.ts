import {
  canonicalText,
  certifyRequests,
  defaultCharter,
  Device,
  foundNetwork,
  founderDevice,
  invite,
  Joining,
  prepareFounder,
  readNetwork,
  signCharter,
  Transport,
  trustFile,
  type DeviceOptions,
  type Founder,
} from '../../client/index.js';
import type { Charter } from '../../protocol/registry/charter.js';
import type { TrustFile } from '../../protocol/schemas/trust.js';

export interface DemoOrganisation {
  readonly founder: Founder;
  readonly coordinator: Device;
  readonly worker: Device;
  readonly service: string;
}

export interface DemoNetwork {
  readonly laRuelle: DemoOrganisation;
  readonly clinique: DemoOrganisation;
  readonly trust: TrustFile;
}

/** The demonstration publishes every two seconds; a network in earnest, every hour or so. */
const DEMO_RULES: Partial<Charter> = { publishing: { delaySeconds: 2 } };

/** Rules as voted otherwise; some of them name the founding organisations. */
export type Rules = Partial<Charter> | ((organisations: readonly string[]) => Partial<Charter>);

/** Two organisations found a network together; each enrols a worker's device by an invitation code. */
export async function foundDemo(
  address: string,
  token: string,
  rules: Rules = {},
  options: DeviceOptions = {},
): Promise<DemoNetwork> {
  const transport = new Transport(address);
  const info = await readNetwork(transport);
  const founders = [
    prepareFounder(info, 'La Ruelle', ['La Ruelle — maraude']),
    prepareFounder(info, 'Clinique du Canal', ['Clinique du Canal — accueil']),
  ] as const;
  const parties = founders.map((founder) => founder.public);
  const members = parties.map(({ id, root }) => ({ organisation: id, root }));
  const charter = {
    ...defaultCharter('Réseau du Canal', members),
    ...DEMO_RULES,
    ...(typeof rules === 'function' ? rules(parties.map(({ id }) => id)) : rules),
  };
  const signatures = founders.map((founder) => signCharter(info, founder, charter));
  await foundNetwork(transport, token, {
    founders: parties,
    charterText: canonicalText(charter),
    signatures,
  });
  const start = async (founder: Founder): Promise<DemoOrganisation> => {
    const coordinator = await Device.start(founderDevice(info, founder, parties), options);
    const service = founder.services[0]?.id ?? '';
    return { founder, coordinator, service, worker: await enrol(coordinator, service, options) };
  };
  return {
    laRuelle: await start(founders[0]),
    clinique: await start(founders[1]),
    trust: trustFile(info, parties),
  };
}

/** The code is shown on one screen and read by the other; here both are this process. */
async function enrol(coordinator: Device, service: string, options: DeviceOptions): Promise<Device> {
  const code = await invite(coordinator, { role: 'worker', services: [service] });
  const joining = await Joining.ask(coordinator.transport.issuer, code);
  await certifyRequests(coordinator);
  const state = await joining.finish();
  if (!state) throw new Error('the coordinator did not certify the device');
  return Device.start(state, options);
}
