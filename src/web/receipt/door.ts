import workerUrl from './worker.ts?worker&url';
import { READY, type Answer, type Call } from './call.js';
import { trustedWorkerUrl } from '../shared/worker-url.js';
import type { Door } from './worker.js';

/** Why the worker could not: a problem code of the API, `unreachable`, `refused:‹check›`, `fault`. */
export class DoorError extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

const scriptUrl = trustedWorkerUrl(workerUrl);

interface Waiting {
  readonly done: (value: never) => void;
  readonly failed: (error: DoorError) => void;
}

/** Calls to the worker that holds the code's keys. */
export class Connection {
  private readonly worker = new Worker(scriptUrl, { type: 'module' });
  private readonly waiting = new Map<number, Waiting>();
  private readonly listening: Promise<void>;
  private calls = 0;

  constructor() {
    this.listening = new Promise((ready) => {
      this.worker.addEventListener('message', ({ data }: MessageEvent<Answer | typeof READY>) => {
        if (data === READY) ready();
        else this.settle(data);
      });
    });
  }

  call<N extends keyof Door>(name: N, ...given: Parameters<Door[N]>): Promise<Awaited<ReturnType<Door[N]>>> {
    const id = ++this.calls;
    void this.listening.then(() => this.worker.postMessage({ id, name, given } satisfies Call));
    return new Promise((done, failed) => this.waiting.set(id, { done, failed }));
  }

  /** Ends the worker; what it held is gone, and nothing that was asked is answered any more. */
  end(): void {
    this.worker.terminate();
    this.waiting.clear();
  }

  private settle(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ('reason' in answer) waiting?.failed(new DoorError(answer.reason));
    else waiting?.done(answer.value as never);
  }
}
