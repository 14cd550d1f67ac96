import { demoToken } from './auth/demo-token.js';
import { DEMO_SECRET, jwtSecret } from './auth/jwt.settings.js';
import { createApp } from './create-app.js';
import { type Tokens, welcome } from './welcome.js';

const app = await createApp();
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT || 3000), '127.0.0.1');

// Tokens that a secret of your own would sign are not printed.
const tokens: Tokens =
  jwtSecret() === DEMO_SECRET
    ? {
        support: await demoToken('sam', 'support'),
        manager: await demoToken('mia', 'manager'),
      }
    : { support: '<token>', manager: '<token of a manager>' };
console.log(`\n${welcome(`${await app.getUrl()}/mcp`, tokens)}\n`);
