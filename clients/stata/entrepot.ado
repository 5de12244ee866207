*! version 0.1.0: calls the command entrepot and loads one of its tables
program define entrepot
    version 14
    gettoken verb 0 : 0, parse(" ,")
    if "`verb'" == "run" {
        entrepot_run `0'
    }
    else if "`verb'" == "solve" {
        entrepot_solve `0'
    }
    else if "`verb'" == "theta" {
        entrepot_theta `0'
    }
    else {
        display as error "entrepot: the verbs are run, solve and theta; see help entrepot"
        exit 198
    }
end

* entrepot run CASE [, table(NAME) options(TEXT) saving(FILE[, replace])]
program define entrepot_run
    syntax anything(name=case) [, Table(string) Options(string) SAVing(string asis)]
    if "`table'" == "" local table "welfare"
    local folder "`c(tmpdir)'/entrepot-answer"
    local messages "`c(tmpdir)'/entrepot-messages.txt"
    local kept "--no-store"
    if strpos(`" `options'"', " --store") | strpos(`" `options'"', " --no-store") local kept ""
    capture erase "`folder'/`table'.csv"
    shell entrepot run `case' `options' `kept' --out "`folder'" 2> "`messages'"
    entrepot_load "`folder'/`table'.csv" "`messages'" `saving'
end

* entrepot solve, measures(TEXT) [table(NAME) options(TEXT) saving(FILE[, replace])]
program define entrepot_solve
    syntax , Measures(string) [Table(string) Options(string) SAVing(string asis)]
    if "`table'" == "" local table "welfare"
    local folder "`c(tmpdir)'/entrepot-answer"
    local messages "`c(tmpdir)'/entrepot-messages.txt"
    capture erase "`folder'/`table'.csv"
    shell entrepot solve `measures' `options' --out "`folder'" 2> "`messages'"
    entrepot_load "`folder'/`table'.csv" "`messages'" `saving'
end

* entrepot theta, economy(NAME) [saving(FILE[, replace])]
program define entrepot_theta
    syntax , Economy(string) [SAVing(string asis)]
    local file "`c(tmpdir)'/entrepot-theta.csv"
    local messages "`c(tmpdir)'/entrepot-messages.txt"
    capture erase "`file'"
    shell entrepot theta --economy "`economy'" --format csv > "`file'" 2> "`messages'"
    entrepot_load "`file'" "`messages'" `saving'
end

* Show what the command said on standard error, and load a table in double precision. The file of an earlier call was
* erased: a command that failed leaves none, or, where the shell had made it, one without a line.
program define entrepot_load
    gettoken file 0 : 0
    gettoken messages saving : 0
    capture noisily type "`messages'"
    capture confirm file "`file'"
    local none = _rc
    if !`none' {
        tempname handle
        file open `handle' using "`file'", read text
        file read `handle' line
        local none = r(eof)
        file close `handle'
    }
    if `none' {
        display as error "entrepot: no table `file'; what the command said is above"
        exit 601
    }
    import delimited using "`file'", clear asdouble varnames(1) bindquote(strict) encoding("utf-8")
    if trim(`"`saving'"') != "" save `saving'
end
