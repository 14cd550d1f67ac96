import { McpModule, type McpModuleOptions } from 'nestjs-mcp';

// Types that had failed to resolve would be `any` and allow all of this.
export const options: McpModuleOptions = { path: 8080 };
export const module: number = McpModule.forRoot();
