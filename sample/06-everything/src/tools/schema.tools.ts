import { Injectable } from '@nestjs/common';
import { McpTool } from 'nestjs-mcp';
import { CONTACT_SCHEMA } from './contact.schema.js';

/** Schemas by hand, for what a DTO cannot say. */
@Injectable()
export class SchemaTools {
  @McpTool({
    name: 'json_schema_2020_12_tool',
    description: 'Takes arguments by a schema full of JSON Schema 2020-12.',
    inputSchema: CONTACT_SCHEMA,
  })
  contact(contact: unknown): unknown {
    return { contact };
  }

  /** Proxies in between can route by the header, without reading the body. */
  @McpTool({
    name: 'test_x_mcp_header',
    description: 'Takes its region in a header, too.',
    inputSchema: {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        level: { type: 'integer' },
      },
    },
  })
  region({ region, level }: { region?: string; level?: number }): string {
    return `Region ${region ?? 'unknown'}, level ${level ?? 'unknown'}`;
  }
}
