import type { ExpressAdapter } from '@nestjs/platform-express';

/** `NodeAdapter` of `@nestjs/platform-node`, or what stands in for it; tests call what it has in common with Express's. */
export declare const NodeAdapter: new () => ExpressAdapter;
