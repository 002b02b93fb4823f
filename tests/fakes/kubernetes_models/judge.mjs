// Judges objects by npm's kubernetes-models, which lie in FOLDER (scripts/kubernetes_schemas): a JSON object a line
// comes in, a JSON list of what is wrong with it goes out.
//
//     node judge.mjs FOLDER
import readline from "node:readline";
import {pathToFileURL} from "node:url";

const kinds = new Map();

async function modelOf({apiVersion, kind}) {
  const key = `${apiVersion} ${kind}`;
  if (!kinds.has(key)) {
    const path = `${process.argv[2]}/node_modules/kubernetes-models/${apiVersion}/index.js`;
    kinds.set(key, (await import(pathToFileURL(path)))[kind]);
  }
  return kinds.get(key);
}

async function judge(object) {
  const Model = await modelOf(object).catch(() => undefined);
  if (Model === undefined) return [`no kind "${object.kind}" in version "${object.apiVersion}"`];
  try {
    new Model(object).validate();
    return [];
  } catch (error) {
    return (error.errors ?? [{instancePath: "", message: error.message}])
      .map(({instancePath, message}) => `${instancePath.slice(1).replaceAll("/", ".")}: ${message}`);
  }
}

for await (const line of readline.createInterface({input: process.stdin}))
  process.stdout.write(JSON.stringify(await judge(JSON.parse(line))) + "\n");
