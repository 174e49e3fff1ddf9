// Writes the files that every package shares:
//   node scripts/make-package.ts norm --tag layer --deps autodiff,layers --description "Normalisation layers."
// `--dom` adds the DOM types, `--no-tfjs` leaves out the tfjs-core peer. An existing file is never overwritten.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tag: { type: "string", default: "layer" },
    deps: { type: "string", default: "" },
    description: { type: "string", default: "" },
    dom: { type: "boolean", default: false },
    "no-tfjs": { type: "boolean", default: false },
  },
});
const [name] = positionals;
if (!name) throw new Error("usage: node scripts/make-package.ts <name> --tag <tag> --deps a,b");

const dir = `packages/${name}`;
const write = (file: string, content: object | string): void => {
  const path = `${dir}/${file}`;
  if (existsSync(path)) return;
  writeFileSync(
    path,
    typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`,
  );
};
const sorted = (entries: [string, string][]): Record<string, string> =>
  Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));

const scoped = `@layerwise/${name}`;
const tfjs = !values["no-tfjs"];
const deps = values.deps.split(",").filter(Boolean);
const lib = ["es2024", "esnext.disposable", "dom"];

mkdirSync(`${dir}/src`, { recursive: true });
mkdirSync(`${dir}/test`, { recursive: true });
write("package.json", {
  name: scoped,
  version: "0.0.0",
  description: values.description,
  type: "module",
  sideEffects: false,
  license: "Apache-2.0",
  repository: {
    type: "git",
    url: "git+https://github.com/layerwise/layerwise.git",
    directory: dir,
  },
  engines: { node: ">=22.3" },
  exports: {
    ".": {
      "@layerwise/source": "./src/index.ts",
      types: "./dist/index.d.ts",
      default: "./dist/index.js",
    },
    "./package.json": "./package.json",
  },
  files: ["dist", "src"],
  publishConfig: { access: "public", provenance: true },
  scripts: {
    build: "tsup && tsc -p tsconfig.build.json",
    check: "tsc",
    test: "vitest run --project '*(node)*'",
  },
  ...(deps.length > 0 && {
    dependencies: sorted(deps.map((d) => [`@layerwise/${d}`, "workspace:^"])),
  }),
  ...(tfjs && { peerDependencies: { "@tensorflow/tfjs-core": "^4.22.0" } }),
  devDependencies: sorted([
    ["@layerwise/config", "workspace:*"],
    ["@layerwise/test", "workspace:*"],
    ["@types/node", "catalog:"],
    ["fast-check", "catalog:"],
    ["tsup", "catalog:"],
    ["typescript", "catalog:"],
    ["vitest", "catalog:"],
    ...(tfjs
      ? ([
          ["@tensorflow/tfjs-backend-cpu", "catalog:"],
          ["@tensorflow/tfjs-core", "catalog:"],
        ] as [string, string][])
      : []),
  ]),
});
write("deno.json", {
  name: scoped,
  version: "0.0.0",
  license: "Apache-2.0",
  exports: { ".": "./src/index.ts" },
  publish: { include: ["src", "README.md", "LICENSE"] },
});
// Tests may use Node and the DOM; the build config below is what keeps `src` free of both.
write("tsconfig.json", {
  extends: "@layerwise/config/tsconfig.json",
  compilerOptions: { lib, types: ["node"] },
  include: ["src", "test"],
});
write("tsconfig.build.json", {
  extends: "@layerwise/config/tsconfig.json",
  compilerOptions: {
    ...(values.dom && { lib }),
    customConditions: null,
    rootDir: "src",
    outDir: "dist",
    noEmit: false,
    declaration: true,
    declarationMap: true,
    emitDeclarationOnly: true,
    isolatedDeclarations: true,
  },
  include: ["src"],
});
write("turbo.json", { extends: ["//"], tags: [values.tag] });
write(
  "tsup.config.ts",
  'import { library } from "@layerwise/config/tsup";\n\nexport default library();\n',
);
write(
  "vitest.config.ts",
  'import { library } from "@layerwise/config/vitest";\n\nexport default library();\n',
);
