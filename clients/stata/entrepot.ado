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

* entrepot run CASE [, table(NAME) options(TEXT) saving(FILE)]
program define entrepot_run
    syntax anything(name=case) [, Table(string) Options(string) SAVing(string)]
    if "`table'" == "" local table "welfare"
    local folder "`c(tmpdir)'/entrepot-answer"
    capture erase "`folder'/`table'.csv"
    shell entrepot run `case' `options' --no-store --out "`folder'"
    entrepot_load "`folder'/`table'.csv" "`saving'"
end

* entrepot solve, measures(TEXT) [table(NAME) options(TEXT) saving(FILE)]
program define entrepot_solve
    syntax , Measures(string) [Table(string) Options(string) SAVing(string)]
    if "`table'" == "" local table "welfare"
    local folder "`c(tmpdir)'/entrepot-answer"
    capture erase "`folder'/`table'.csv"
    shell entrepot solve `measures' `options' --out "`folder'"
    entrepot_load "`folder'/`table'.csv" "`saving'"
end

* entrepot theta, economy(NAME)
program define entrepot_theta
    syntax , Economy(string) [SAVing(string)]
    local file "`c(tmpdir)'/entrepot-theta.csv"
    capture erase "`file'"
    shell entrepot theta --economy `economy' --format csv > "`file'"
    entrepot_load "`file'" "`saving'"
end

* Load a table in double precision. The file of an earlier call was erased, so a command that failed leaves none.
program define entrepot_load
    args file saving
    capture confirm file "`file'"
    if _rc {
        display as error "entrepot: no table `file'; what the command said is above"
        exit 601
    }
    import delimited using "`file'", clear asdouble varnames(1) encoding("utf-8")
    if "`saving'" != "" save "`saving'", replace
end
