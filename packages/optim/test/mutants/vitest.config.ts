import process from "node:process";
import { library } from "@layerwise/config/vitest";
import { apply, type Edit } from "./edit.ts";

const edit = JSON.parse(process.env.MUTANT ?? "null") as Edit | null;
const isChanged = (id: string): boolean =>
  edit !== null && id.endsWith(`/packages/optim/src/${edit.file}`);

interface Caching {
  defineCacheKeyGenerator(key: (module: { readonly id: string }) => false | undefined): void;
}

/** The package's tests on sources of which one is changed while it is loaded. */
const config: object = {
  ...library(),
  plugins: [
    {
      name: "mutant",
      enforce: "pre",
      // Vitest's cache on disk knows a module by its file, not by what a plugin makes of it.
      configureVitest: ({ defineCacheKeyGenerator }: Caching) =>
        defineCacheKeyGenerator(({ id }) => (isChanged(id) ? false : undefined)),
      transform: (code: string, id: string): string | undefined =>
        edit !== null && isChanged(id) ? apply(edit, code) : undefined,
    },
  ],
};

export default config;
