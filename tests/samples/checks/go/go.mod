module example.com/halves

go 1.19
