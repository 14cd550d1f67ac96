import { type DynamicModule, Module } from '@nestjs/common';
import { McpModule, StaticTokenVerifier } from 'nestjs-mcp';
import { Completions } from './prompts/completions.js';
import { Prompts } from './prompts/prompts.js';
import { QuestionTools } from './questions/question.tools.js';
import { FormTools } from './questions/form.tools.js';
import { RoundTools } from './questions/round.tools.js';
import { DocumentResources } from './resources/document.resources.js';
import { ChangeTools } from './tools/change.tools.js';
import { ContentTools } from './tools/content.tools.js';
import { ProgressTools } from './tools/progress.tools.js';
import { SchemaTools } from './tools/schema.tools.js';

/** What the environment decides. */
export interface AppOptions {
  /** The only bearer token that is let in; undefined leaves the server open. */
  readonly token?: string | undefined;
}

@Module({})
export class AppModule {
  static register({ token }: AppOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        McpModule.forRoot({
          name: 'everything',
          title: 'Everything that MCP offers',
          version: '1.0.0',
          instructions: 'Shows every feature of the protocol, once.',
          ...(token !== undefined && {
            auth: { verifier: new StaticTokenVerifier([token]) },
          }),
        }),
      ],
      providers: [
        ContentTools,
        ProgressTools,
        SchemaTools,
        ChangeTools,
        QuestionTools,
        FormTools,
        RoundTools,
        DocumentResources,
        Prompts,
        Completions,
      ],
    };
  }
}
