import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

const require = createRequire(import.meta.url);

/** What `@sparticuz/chromium` holds, unpacked. */
export interface Unpacked {
  /** The headless Chromium. */
  chromium: string;
  /** Directory with the shared libraries Chromium needs where the system has none (NSS, expat). */
  libraries: string;
  /** Directory with a Vulkan loader and SwiftShader, for `LD_LIBRARY_PATH`. */
  vulkan: string;
  /** Driver manifest for `VK_ICD_FILENAMES`. */
  icd: string;
}

/** Unpack Chromium and SwiftShader once into `cache`; later calls only return the paths. */
export const unpackChromium = async (cache: string): Promise<Unpacked> => {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `@sparticuz/chromium is for linux x64, this is ${process.platform} ${process.arch}`,
    );
  }
  const manifest = require
    .resolve("@sparticuz/chromium")
    .replace(/build.index\.js$/, "package.json");
  const { version } = require(manifest) as { version: string };
  const target = join(cache, `chromium-${version}`);
  if (!existsSync(target)) await unpack(cache, target, join(manifest, "../bin"));
  return {
    chromium: join(target, "chromium"),
    libraries: join(target, "al2023/lib"),
    vulkan: join(target, "vulkan"),
    icd: join(target, "vulkan/vk_swiftshader_icd.json"),
  };
};

// The package unpacks into os.tmpdir() and takes any existing file there for complete. A private directory that is
// renamed when finished survives an interrupted run and two runs at once.
const unpack = async (cache: string, target: string, archives: string): Promise<void> => {
  await mkdir(cache, { recursive: true });
  const dir = await mkdtemp(join(cache, "unpack-"));
  const { TMPDIR } = process.env;
  process.env.TMPDIR = dir;
  try {
    const { default: chromium, inflate } = await import("@sparticuz/chromium");
    await chromium.executablePath();
    await inflate(join(archives, "al2023.tar.br"));
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  // A directory of its own: Chromium's libEGL and libGLESv2 lie beside these and must not shadow the system's.
  await mkdir(join(dir, "vulkan"));
  for (const file of await readdir(dir)) {
    if (/vulkan\.so|vk_swiftshader/.test(file)) {
      await copyFile(join(dir, file), join(dir, "vulkan", file));
    }
  }
  try {
    await rename(dir, target);
  } catch (error) {
    await rm(dir, { recursive: true });
    if (!existsSync(target)) throw error;
  }
};
