import { createApp } from './app.js';
import { eraseListed } from './database/backup/index.js';
import { migrate } from './database/index.js';
import { readConfig } from './server/config/index.js';

const config = readConfig(process.env);
await migrate(config.urls.owner);
await eraseListed(config.urls.owner, config.erasures);
const app = await createApp(config);
app.enableShutdownHooks();
await app.listen(config.port, config.host);

// Whoever started this process is told, and takes it along when it dies.
process.send?.('listening');
process.once('disconnect', () => void app.close().finally(() => process.exit(0)));
