import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp';
import { CountriesModule } from './countries/countries.module.js';
import { NotesModule } from './notes/notes.module.js';

@Module({
  imports: [
    McpModule.forRoot({
      name: 'countries',
      title: 'Countries of the world',
      version: '1.0.0',
      instructions:
        'Facts about all countries, and notes that users leave on them. ' +
        'Search first when you know a name but no ISO code.',
    }),
    CountriesModule,
    NotesModule,
  ],
})
export class AppModule {}
