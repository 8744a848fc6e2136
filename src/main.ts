import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { prepareProcess, reasonOf } from './process.js';

prepareProcess();

/** Requests that have begun may end; what is connected longer than that is cut off. */
const GRACE_MS = 5_000;
/** What hangs even so is left as a crash would leave it, which nothing here minds. */
const PATIENCE_MS = 8_000;

try {
  await serve();
} catch (error) {
  process.stderr.write(`relais: ${reasonOf(error)}\n`, () => process.exit(1));
}

async function serve(): Promise<void> {
  // loaded only now, so that what stands above holds from the first moment
  const [{ createApp }, { eraseListed }, { migrate }, { readConfig }] = await Promise.all([
    import('./app.js'),
    // not by its index, which also decrypts backups: a server holds nothing that opens
    import('./database/backup/older.js'),
    import('./database/index.js'),
    import('./server/config/index.js'),
  ]);
  const config = readConfig(process.env);
  await migrate(config.urls.owner);
  await eraseListed(config.urls.owner, config.erasures);
  const app = await createApp(config);
  const stop = stopper(app);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  // whoever started this process takes it along when it dies
  process.once('disconnect', stop);
  await app.listen(config.port, config.host);
  process.send?.('listening');
}

/** Ends this process in seconds, whatever is connected and however often it is told to. */
function stopper(app: NestFastifyApplication): () => void {
  let isStopping = false;
  return () => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => app.getHttpServer().closeAllConnections(), GRACE_MS);
    setTimeout(() => process.exit(0), PATIENCE_MS);
    void app.close().finally(() => process.exit(0));
  };
}
