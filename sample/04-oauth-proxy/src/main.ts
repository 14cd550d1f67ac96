import { start } from './start.js';
import { welcome } from './welcome.js';

const port = Number(process.env.PORT || 3000);
const { app, provider, endpoint } = await start({
  app: port,
  provider: Number(process.env.PROVIDER_PORT || (port === 0 ? 0 : port + 1)),
});
app.enableShutdownHooks();

console.log(`\n${welcome(endpoint, provider.issuer)}\n`);
