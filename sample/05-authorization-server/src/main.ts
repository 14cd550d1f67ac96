import { start } from './start.js';
import { DEMO_USERS } from './users/demo-users.js';
import { welcome } from './welcome.js';

const { app, endpoint } = await start(Number(process.env.PORT || 3000));
app.enableShutdownHooks();

console.log(`\n${welcome(endpoint, DEMO_USERS)}\n`);
