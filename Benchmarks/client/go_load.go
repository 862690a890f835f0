// The requests of SpoorClientLoad with net/http: URL KIND COUNT.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

var client = &http.Client{Transport: &http.Transport{
	MaxIdleConnsPerHost: 16, MaxConnsPerHost: 16, DisableCompression: true}}
var url, kind string
var piece = bytes.Repeat([]byte("x"), 64<<10)

type upload struct{ left int }

func (u *upload) Read(b []byte) (int, error) {
	if u.left == 0 {
		return 0, io.EOF
	}
	n := copy(b, piece[:min(len(piece), u.left)])
	u.left -= n
	return n, nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func request() {
	if kind == "upload" {
		req, err := http.NewRequest("POST", url+"/upload", &upload{10 << 20})
		must(err)
		req.ContentLength = 10 << 20
		response, err := client.Do(req)
		must(err)
		_, err = io.ReadAll(response.Body)
		must(err)
		response.Body.Close()
		return
	}
	size := 10 << 20
	if kind != "download" {
		size, _ = strconv.Atoi(kind[strings.LastIndex(kind, "-")+1:])
	}
	response, err := client.Get(url + "/" + strconv.Itoa(size))
	must(err)
	count := 0
	if kind == "download" {
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, response.Body, make([]byte, 64<<10))
		must(err)
		count = int(n)
	} else {
		body, err := io.ReadAll(response.Body)
		must(err)
		count = len(body)
	}
	response.Body.Close()
	if count != size {
		panic(fmt.Sprintf("%d bytes", count))
	}
}

func repeated(count int) {
	if !strings.HasPrefix(kind, "64-tasks") {
		for i := 0; i < count; i++ {
			request()
		}
		return
	}
	var group sync.WaitGroup
	for task := 0; task < 64; task++ {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			for i := 0; i < n; i++ {
				request()
			}
		}((count + task) / 64)
	}
	group.Wait()
}

func cpu() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(usage.Utime) + seconds(usage.Stime)
}

func main() {
	url, kind = os.Args[1], os.Args[2]
	count, err := strconv.Atoi(os.Args[3])
	must(err)
	repeated(count/10 + 1)
	start := cpu()
	repeated(count)
	fmt.Printf("{\"requests\":%d,\"cpu_seconds\":%f}\n", count, cpu()-start)
}
