// SpoorServer: to come.
