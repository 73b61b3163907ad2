/** How the reference looks: system fonts, both themes, one column on a phone. */
export const STYLE = `
:root{
  color-scheme:light dark;
  --ground:light-dark(#f7f6f3,#141518);
  --card:light-dark(#fff,#1c1e22);
  --ink:light-dark(#1c1d21,#eceae6);
  --soft:light-dark(#5a5c65,#a9abb3);
  --line:light-dark(#e2e0da,#33363d);
  --accent:light-dark(#1d55ad,#93bdff);
  font:15px/1.5 system-ui,sans-serif;
  -webkit-text-size-adjust:100%
}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;background:var(--ground);color:var(--ink)}
h1,h2,h3,h4,p,ul,dl,dd{margin:0;padding:0}
h1{font-size:1.7rem;line-height:1.2}
h2{font-size:1.35rem;line-height:1.3}
main>h2{margin-top:3rem}
h3{font-size:1.1rem;line-height:1.35}
h4,.samples h2{margin:1.25rem 0 .35rem;font-size:.85rem;color:var(--soft)}
p+p{margin-top:.5rem}
a{color:var(--accent);text-underline-offset:.18em}
h3 a{color:inherit;text-decoration:none}
h3 a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:.25rem}
code,pre{font:.88em/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
pre{
  margin:0;
  padding:.75rem 1rem;
  white-space:pre-wrap;
  background:var(--ground);
  border:1px solid var(--line);
  border-radius:.5rem
}
nav{padding:1rem;border-bottom:1px solid var(--line);background:var(--card)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem 1rem}
nav ul ul{display:none}
nav a{text-decoration:none;display:inline-block;padding:.15rem 0}
nav a:hover{text-decoration:underline}
main{padding:1.25rem 1rem 6rem;min-width:0}
main.alone{max-width:44rem;margin:0 auto}
main.alone ul{columns:16rem;padding-left:1.2rem}
main.alone li a{display:inline-block;padding:.2rem 0}
main.alone>*+*{margin-top:.75rem}
section{
  margin-top:1rem;
  padding:1.25rem;
  background:var(--card);
  border:1px solid var(--line);
  border-radius:.6rem
}
section>div{min-width:0}
.call{margin:.35rem 0 .6rem}
.call code{font-weight:600}
.scope,.type,b{font-size:.88em}
.scope,.type{color:var(--soft)}
.scope{white-space:nowrap;margin-left:.5rem}
dl{border-top:1px solid var(--line)}
dt{padding-top:.45rem}
dt code{font-weight:600}
dd{padding-bottom:.45rem;border-bottom:1px solid var(--line)}
dd p+p{margin-top:.1rem}
dd dl{margin:.45rem 0 0 .25rem;padding-left:.9rem;border-left:2px solid var(--line);border-top:0}
dd dd:last-child{border-bottom:0;padding-bottom:0}
summary{cursor:pointer;padding:.25rem 0;color:var(--accent)}
.skip{position:absolute;left:-99rem;top:.5rem;z-index:9;padding:.5rem 1rem;background:var(--card)}
.skip:focus{left:.5rem}
@media (min-width:64rem){
  body:has(nav){display:grid;grid-template-columns:16rem minmax(0,1fr)}
  nav{
    position:sticky;
    top:0;
    height:100vh;
    overflow:auto;
    padding:1.25rem;
    border:0;
    border-right:1px solid var(--line)
  }
  nav ul{display:block}
  nav ul ul{display:block;padding-left:.75rem;margin-bottom:.6rem}
  nav li li{font-size:.92em}
  nav>ul>li>a{font-weight:650}
  main{padding:2rem}
  section:has(.samples){
    display:grid;
    grid-template-columns:minmax(0,1fr) minmax(0,26rem);
    gap:1.5rem
  }
  .samples{position:sticky;top:1rem;align-self:start}
  .samples>:first-child{margin-top:0}
}
`.replaceAll(/\n\s*/g, '')
