"""stand-in until merged"""
from __future__ import annotations
import hashlib, json, os
from pathlib import Path
import pandas as pd
class Run:
    def __init__(self, path): self.path=Path(path); self.id=self.path.name
    @property
    def complete(self): return (self.path/"done").exists()
    def parts(self, t):
        d=self.path/t
        return {int(f.stem.split("-")[1]) for f in d.glob("part-*.parquet")} if d.is_dir() else set()
    def write(self,t,frame,part=0):
        d=self.path/t; d.mkdir(parents=True,exist_ok=True); f=d/f"part-{part:05d}.parquet"; tmp=d/f"x{os.getpid()}"
        frame.to_parquet(tmp,index=False); os.replace(tmp,f)
    def read(self,t):
        return pd.concat([pd.read_parquet(f) for f in sorted((self.path/t).glob("part-*.parquet"))],ignore_index=True) if self.parts(t) else pd.DataFrame()
    def relation(self,t): return f"read_parquet('{self.path}/{t}/part-*.parquet')"
    def finish(self,summary): (self.path/"done").write_text(json.dumps(summary))
class RunStore:
    def __init__(self,path=None): self.path=Path(path or "/tmp/w/store")
    def open(self,kind,name,identity,about):
        i=hashlib.sha256(json.dumps([kind,identity],sort_keys=True).encode()).hexdigest()[:10]
        p=self.path/i; p.mkdir(parents=True,exist_ok=True); return Run(p)
