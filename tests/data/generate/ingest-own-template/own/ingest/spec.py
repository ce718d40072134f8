CONNECTION_NAME = {{py connection}}
spec = {{py tables}}
