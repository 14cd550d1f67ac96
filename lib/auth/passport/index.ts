/**
 * The strategy of `@nestjs/passport`, for applications that have it.
 *
 * @module nestjs-mcp/passport
 */
export { McpBearerStrategy } from './mcp-bearer.strategy.js';
