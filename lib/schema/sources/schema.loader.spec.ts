import { jest } from '@jest/globals';
import { loadSchemaReader } from './schema.loader.js';

describe('loadSchemaReader', () => {
  it('finds the optional packages that are installed', async () => {
    const sources = await loadSchemaReader();
    expect(sources.swagger?.SwaggerModule.createDocument).toEqual(
      expect.any(Function),
    );
    expect(sources.classValidator?.getMetadataStorage()).toBeDefined();
    expect(sources.classTransformer?.findTypeMetadata).toEqual(
      expect.any(Function),
    );
    expect(sources.classValidatorJsonSchema?.targetConstructorToSchema).toEqual(
      expect.any(Function),
    );
  });

  describe('with a package that cannot be loaded', () => {
    const load = async (code: string): Promise<typeof loadSchemaReader> => {
      jest.resetModules();
      for (const name of [
        '@nestjs/swagger',
        'class-validator',
        'class-transformer/cjs/storage.js',
        'class-validator-jsonschema',
      ]) {
        jest.unstable_mockModule(name, () => {
          throw Object.assign(new Error(`no ${name}`), { code });
        });
      }
      return (await import('./schema.loader.js')).loadSchemaReader;
    };

    it('does without one that is not installed', async () => {
      const loadAfresh = await load('ERR_MODULE_NOT_FOUND');
      expect(await loadAfresh()).toMatchObject({
        swagger: undefined,
        classValidator: undefined,
        classTransformer: undefined,
        classValidatorJsonSchema: undefined,
      });
    });

    it('reports one that is broken', async () => {
      const loadAfresh = await load('ERR_OTHER');
      await expect(loadAfresh()).rejects.toThrow(/^no /);
    });
  });
});
