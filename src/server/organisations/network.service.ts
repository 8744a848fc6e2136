import { Injectable } from '@nestjs/common';
import { Config } from '../config/index.js';
import { LogService, type LogIdentity } from '../log/index.js';
import { RegistryService, type Queries } from './registry/registry.service.js';

export interface NetworkInfo {
  readonly network: string;
  readonly issuer: string;
  readonly founded: boolean;
  /** By the server's clock, in the charter's time zone. */
  readonly today: string;
  /** Instant to the second, by the server's clock. */
  readonly now: string;
  readonly logs: { readonly consent: LogKey; readonly registry: LogKey };
  /** Text of the tlog-policy that names both logs; its witnesses stand in the registry. */
  readonly policy: string;
  /**
   * Instant since which checkpoints wait for their witnesses, where that is longer than a day: proofs are
   * provisional since.
   */
  readonly unwitnessedSince: string | null;
}

export interface LogKey {
  /** Name without the year. */
  readonly name: string;
  readonly origin: string;
  readonly vkey: string;
}

/** What founders write down before they sign: the network's id and the keys of its logs. */
@Injectable()
export class NetworkService {
  constructor(
    private readonly config: Config,
    private readonly log: LogService,
    private readonly registry: RegistryService,
  ) {}

  async read(tx: Queries): Promise<NetworkInfo> {
    const { network, pairs, policy } = this.log.identity;
    const [first = this.log.identity] = pairs;
    const { entries } = await this.registry.current(tx);
    return {
      network,
      issuer: this.config.issuer,
      founded: entries.length > 0,
      ...(await this.registry.time(tx)),
      logs: { consent: logKey(first.consent), registry: logKey(first.registry) },
      policy,
      unwitnessedSince: await this.log.readUnwitnessed(),
    };
  }
}

function logKey({ name, origin, vkey }: LogIdentity['consent']): LogKey {
  return { name, origin, vkey };
}
