import { chromium, type LaunchOptions } from "playwright";

/** Flags every launch gets: WebGPU without a window, and no traffic of the browser's own. */
export const chromiumArgs = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Start Chromium and name the WebGPU adapter its pages get, or null. Throws when it does not start. */
export const probeChromium = async (options: LaunchOptions): Promise<string | null> => {
  const browser = await chromium.launch({ ...options, timeout: 60_000 });
  try {
    const page = await browser.newPage();
    // WebGPU needs a secure context; localhost is one, and nothing has to listen there.
    await page.route("http://localhost/**", (route) =>
      route.fulfill({ body: "<p>", contentType: "text/html" }),
    );
    await page.goto("http://localhost/");
    return await page.evaluate(async () => {
      const info = (await navigator.gpu?.requestAdapter())?.info;
      return info ? `${info.vendor} ${info.description || info.architecture}` : null;
    });
  } finally {
    await browser.close();
  }
};
