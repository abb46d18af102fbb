// Makes the README's picture of the page: deno task docs:page http://127.0.0.1:4848/runs/RUN
import { chromium } from "playwright-core";
import sharp from "sharp";

const [address = ""] = Deno.args;
const browser = await chromium.launch({
  executablePath: Deno.env.get("CAIRN_CHROMIUM") ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage({ viewport: { width: 1160, height: 1000 } });
await page.goto(address);
await page.locator(".graph .card").first().waitFor();
const picture = await page.screenshot();
await browser.close();
await sharp(picture).png({ palette: true, colours: 64 }).toFile("docs/page.png");
