// Guards that run outside of Nest's own router need a context of its kind.
export { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
